# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Symbolic names of the Configuration Server's enumerations, in the order of their numbers.

Source: G4 (numbers), G5 (names). GAX carries the names, spelled as the Platform SDK spells them, mistakes included.
"""

from __future__ import annotations

OBJECT_TYPES = """
NoObject Switch DN Person Place AgentGroup PlaceGroup Tenant Service Application Host PhysicalSwitch Script Skill
ActionCode AgentLogin Transaction DNGroup StatDay StatTable AppPrototype AccessGroup Folder Field Format TableAccess
CallingList Campaign Treatment Filter TimeZone VoicePrompt IVRPort IVR AlarmCondition Enumerator EnumeratorValue
ObjectiveTable CampaignGroup GVPReseller GVPCustomer GVPIVRProfile ScheduledTask Role PersonLastLogin
""".split()

_APPLICATION_TYPES = """
NoApplication TServer StatServer BillingServer BillingClient AgentView EAServer EAClient DBServer CallConcentrator
SDialer ListManager CMServer CMClient LME RouterServer StrategyBuilder StrategyLoader AgentDesktop SCE CCView
ConfigServer ThirdPartyApp ThirdPartyServer StrategySimulator StrategyScheduler DARTServer DARTClient CustomServer
ExternalRouter VirtualInteractiveT VirtualRP Database NetVector DetailBiller SummaryBiller NACD BackUpControlClient
InfomartStatCollector InfomartStatConfigurator IVRInterfaceServer IServer MessageServer SCS SCI SNMPAgent
RealDBServer WFMClient WFMDataAggregator WFMWebServices WFMScheduleServer InteractionRoutingDesigner ETLProxy
ITCUtility VCServer GDMETL VSSShared VSSConsole CCAnalyzerDataMart ChatServer CallbackServer CoBrowsingServer
SMSServer ContactServer EmailServer MediaLink WebInteractionRequestsServer WebStatServer WebInteractionServer
WebOptionRoutePoint WebClient ContactServerManager ContentAnalyzer ResponseManager VoIPController VoIPDevice
AutomatedWorkflowEngine HAProxy VoIPStreamManager VoIPDMXServer WebAPIServer LoadBalancer ApplicationCluster
LoadDistributionServer GProxy GIS AgentDesktopDeliveryServer GCNClient IVRDT GCNThinServer ClassificationServer
TrainingServer UniversalCallbackServer CPDServerProxy XLinkController KWorkerPortal WFMServer WFMBuilder WFMReports
WFMWeb KnowledgeManager IVRDriver IVRLibrary LCSAdapter DesktopNETServer Siebel7ConfSynchComponent
Siebel7CampSynchComponent GenericServer GenericClient CallDirector SIPCommunicationServer InteractionServer
IntegrationServer WFMDaemon GVPPolicyManager GVPCiscoQueueAdapter GVPTextToSpeechServer GVPASRLogManager
GVPBandwidthManager GVPEventsCollector GVPCacheServer GVPASRLogServer GVPASRPackageLoader GVPIPCommunicationServer
GVPResourceManager GVPSIPSessionManager GVPMediaGateway GVPSoftSwitch GVPCoreService GVPVoiceCommunicationServer
GVPUnifiedLoginServer GVPCallStatusMonitor GVPReporter GVPH323SessionManager GVPASRLogManagerAgent
GVPGenesysQueueAdapter GVPIServer GVPSCPGateway GVPSRPServer GVPMRCPTTSServer GVPCCSServer GVPMRCPASRServer
GVPNetworkMonitor GVPOBNManager GVPSelfServiceProvisioningServer GVPMCP GVPFetchingModule GVPMCPLegacyInterpreter
GVPCCP GVPResourceMgr GVPClusterMgr GVPMediaServer GVPPSTNConnector GVPReportingSever GVPASG GVPCTIConnector
ResourceAccessPoint InteractionWorkspace Advisors ESSExtensibleServices CustomerView OrchestrationServer Reserved
CapturePoint RulesESPServer GenesysAdministrator iWDManager iWDRuntimeNode BusinessRulesExecutionServer
BusinessRulesApplicationServer VPPolicyServer SocialMS CSTAConnector VPMRCPProxy UCMConnector OTICSServer
OTICSOMPInfra CCACCAdviser CCAFAAdviser CCAPlatform CCAGenesysAdapter CCACiscoAdapter FederationServer
FederationStatProvider GenesysAdministratorServer WebEngagementBackendServer WebEngagementFrontEndServer
WebRTCGateway LRMServer RecordingCryptoServer KnowledgeCenter KnowledgeCenterCMS ReservedApplication8
ReservedApplication9 ReservedApplication10 ReservedGUIApplication1 ReservedGUIApplication2
""".split()

# Types that are not servers. Inferred from the names of the interface types; only ITCUtility, SCE and the like are certain.
_INTERFACE_TYPES = """
BillingClient AgentView EAClient CMClient StrategyBuilder StrategyLoader AgentDesktop SCE CCView ThirdPartyApp
StrategySimulator DARTClient BackUpControlClient SCI WFMClient InteractionRoutingDesigner ITCUtility GDMETL
VSSConsole WebClient ContactServerManager ResponseManager GCNClient IVRDT WFMBuilder KnowledgeManager GenericClient
InteractionWorkspace ReservedGUIApplication1 ReservedGUIApplication2
""".split()

_SCRIPT_TYPES = """
NoScript DataCollection ServiceSelection EnhancedQueuing ScriptConfiguration SimpleRouting EnhancedRouting VoiceFile
OutboundCampaign OutboundFormat OutboundList OutboundFilter OutboundTreatment OutboundAlert Schedule AlarmDetection
AlarmReaction VssSystemSchema VssSharedSchema VssServerSchema VssObject EmailAckReceipt CapacityRule
InteractionQueue InteractionQueueView InteractionWorkBin InteractionSubmitter InteractionSnapshot BusinessProcess
SupervisorData InteractionWorkflowTrigger GVPReport OutboundSchedule ESSDialPlan BusinessRuleData
""".split()

_OS_TYPES = """
NoOS Solaris SolarisX86 DigitalUNIX HPUX AIX SunOS WinNT Windows OS2 Macintosh TandemUNIX UnixWare Windows2000
WindowsXP WindowsServer2003 RedHatLinux WindowsServer2008 WindowsVista WindowsServer2012
""".split()

_ERRORS = """
NoError ServerNotFound WrongProtocol UnknownMessage LoginIncorrect NoDBAccess DBError AppSecurityViolation
AccessDenied NoPermission ObjectNotFound ListItemNotFound UniquenessViolation DependentObjects IncompleteObjectData
IncorrectReferences UnchangeableInfo ValueOutOfRange UnspecifiedModification DBResponseTimedOut WrongAPIParameters
ConnWriteError ConnReadError ConfigFileNotRead ConfigFileIncorrect ObjectPackingError UndefinedError
HistoryLogExpired ForcedDisconnect ReadOnlyOperationalModeActivated SetOperationalModeFailed UnsupportedProperty
UnsupportedObject ExternalAuthenticationError LocaleItemNotChanged LocaleItemNotFound XMLParseError
ChangePasswordDenied UnsecureConnectionDenied EmptyPasswordDenied UserMustChangePassword UnsupportedEncoding
""".split()


def _prefixed(prefix: str, names: list[str]) -> tuple[str, ...]:
    return tuple(prefix + name for name in names)


ENUMERATIONS: dict[str, tuple[str, ...]] = {
    "CfgObjectType": _prefixed("CFG", OBJECT_TYPES),
    "CfgAppType": _prefixed("CFG", _APPLICATION_TYPES),
    "CfgHAType": ("CFGHTNoHAType", "CFGHTColdStanby", "CFGHTWarmStanby", "CFGHTHotStanby"),
    "CfgObjectState": ("CFGNoObjectState", "CFGEnabled", "CFGDisabled", "CFGDeleted"),
    "CfgFlag": ("CFGNoFlag", "CFGFalse", "CFGTrue"),
    "CfgTraceMode": ("CFGTMNoTraceMode", "CFGTMNone", "CFGTMLocal", "CFGTMRemote", "CFGTMBoth"),
    "CfgStartupType": ("CFGSUTNoStartupType", "CFGSUTAutomatic", "CFGSUTManual", "CFGSUTDisabled"),
    "CfgHostType": _prefixed(
        "CFG",
        "NoHost NetworkServer TenantServer ServiceWorkstation TenantWorkstation AgentWorkstation AuxComputer GVPWorkstation".split(),
    ),
    "CfgOSType": _prefixed("CFG", _OS_TYPES),
    "CfgAppComponentType": (
        "CFGAppComponentUnknown",
        "CFGAppComponentSubProcess",
        "CFGAppComponentService",
        "CFGAppComponent",
        "CFGAppComponentAccessPoint",
    ),
    "CfgScriptType": _prefixed("CFG", _SCRIPT_TYPES),
    "CfgEnumeratorType": _prefixed(
        "CFGENT",
        "NoEnumeratorType InteractionOperationalAttribute Role ContactAttribute Custom GVPMasterList GVPCustomList"
        " GVPMasterDefault GVPCustomDefault GVPAlias".split(),
    ),
    "CfgFolderClass": ("CFGFCNoClass", "CFGFCDefault", "CFGFCSite"),
    "CfgAccessGroupType": (
        "CFGNoAccessGroupType",
        "CFGDefaultGroup",
        "CFGUsersGroup",
        "CFGAdministratorsGroup",
        "CFGSuperAdministratorsGroup",
        "CFGSystemGroup",
        "CFGEveryoneGroup",
    ),
}

INTERFACE_TYPES = frozenset(_prefixed("CFG", _INTERFACE_TYPES))
CLASS_NAMES = frozenset("Cfg" + name for name in OBJECT_TYPES[1:])
ERROR_NUMBERS: dict[str, int] = {"CFG" + name: number for number, name in enumerate(_ERRORS)}


def folder_subtype(class_name: str) -> str:
    """Return the name of an object class as the enumeration of object types spells it: CfgHost is CFGHost. Source: G5."""
    return "CFG" + class_name[3:]
